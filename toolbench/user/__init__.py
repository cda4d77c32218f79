"""The user's part in words of a language model: as instructions beforehand, or while a conversation goes on."""
