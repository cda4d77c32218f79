"""A mocked endpoint for tests: what is asked, what it answers, and sleep that takes no time."""

from typing import Any

from toolbench.model import Chat, ChatRequest

URL = "http://endpoint.test/v1"


class Naps(list[float]):
    """Stands in for sleeping: keeps what was asked for."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def ask(text: str = "hello", **more: Any) -> ChatRequest:
    return ChatRequest(chat=Chat([{"role": "user", "content": text}]), **more)


def completion(message: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": message or {"role": "assistant", "content": "fine"}, "finish_reason": "stop"}
    return {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], **more}
