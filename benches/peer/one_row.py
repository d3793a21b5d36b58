"""What `./dev bench create` is measured beside: the official MCP library over SQLite, one row and one flushed
commit a call. Its first line says where it listens."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import sys
import uuid

import uvicorn
from mcp.server import MCPServer
from pydantic import BaseModel

TABLE = "create table deliberations (session_id text primary key, prompt text not null, at integer not null default (unixepoch())) strict"


class Ack(BaseModel):
    session_id: str
    status: str


def server(database: str) -> MCPServer:
    rows = sqlite3.connect(database, isolation_level=None)
    rows.execute("pragma journal_mode = wal")
    rows.execute("pragma synchronous = full")
    rows.execute(TABLE)
    served = MCPServer("one-row", log_level="ERROR")

    @served.tool()
    async def create_deliberation(prompt: str) -> Ack:
        """Keeps the question."""
        session_id = str(uuid.uuid4())
        # Without a transaction of its own, a statement is one, committed and flushed.
        rows.execute("insert into deliberations (session_id, prompt) values (?, ?)", (session_id, prompt))
        return Ack(session_id=session_id, status="processing")

    return served


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    # asyncio sets this only on sockets that name their protocol; without it an answer waits 40 ms for the client.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    app = server(sys.argv[1]).streamable_http_app(json_response=True, stateless_http=True)
    print("{}:{}".format(*listener.getsockname()), flush=True)
    serving = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    asyncio.run(serving.serve(sockets=[listener]))


main()
