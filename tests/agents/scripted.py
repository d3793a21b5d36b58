#!/usr/bin/env python3
"""An agent's program that does what the last of its arguments says, one word after the other:

boot         asks the bus who it is, by the file that --mcp-config names
say:WORD     prints the word
ask          prints its arguments and the names of its environment's variables
spawn        starts a child that ignores every polite signal, and prints its number
until:FILE   waits until the file is there
stay         waits until it is ended
exit:CODE    ends with this code
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.request

CHILD = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def tell(*words):
    print(*words, flush=True)


def boot():
    """Calls boot_context as a client does that knows one protocol."""
    path = sys.argv[sys.argv.index("--mcp-config") + 1]
    server = json.loads(pathlib.Path(path).read_text())["mcpServers"]["sos"]
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "boot_context", "arguments": {}},
    }
    request = urllib.request.Request(
        server["url"],
        data=json.dumps(call).encode(),
        headers={
            **server["headers"],
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2025-11-25",
        },
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        tell("booted", answer.status)


def act(word):
    verb, _, rest = word.partition(":")
    if verb == "boot":
        boot()
    elif verb == "say":
        tell(rest)
    elif verb == "ask":
        tell("arguments", json.dumps(sys.argv[1:]))
        tell("variables", json.dumps(sorted(os.environ)))
    elif verb == "spawn":
        child = subprocess.Popen([sys.executable, "-c", CHILD])
        tell("child", child.pid)
    elif verb == "until":
        while not pathlib.Path(rest).exists():
            time.sleep(0.02)
    elif verb == "stay":
        signal.pause()
    elif verb == "exit":
        sys.exit(int(rest))


for each in sys.argv[-1].split():
    act(each)
