from served import serve

__all__ = ["serve"]
