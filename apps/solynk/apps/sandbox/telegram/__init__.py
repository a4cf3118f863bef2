"""The Telegram half of the sandbox: bots, people, chats, and the Bot API over them."""
