"""Bytes to messages and back: the protocol of TWS as it is spoken at server version 178.

- errors: what is said of bytes that can't be read
- frames: lengths and what lies between them
- handshake: the hello, and which version both sides speak
- kinds: one field as text, and what it means
- layout: a message as a table of columns, read and written by the same table
- parts: the columns that several messages share
- order_requests, requests: what clients send
- data_replies, order_replies, replies: what the gateway answers
- names: what a message is called in logs, and what is worth logging of it

No sockets, and no state but a half-read frame.
"""
