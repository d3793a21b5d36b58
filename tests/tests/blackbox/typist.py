"""A person at a terminal: typist.py TYPED COMMAND…, TYPED a JSON list of what is asked for and what is typed then, or
the number of the signal that the command gets then.

Prints as JSON what stood on the terminal, how the command ended, and whether the terminal shows what is typed afterwards.
"""

import json
import os
import pty
import select
import sys
import termios
import time

PATIENCE = 20.0
LOOK_AGAIN = 0.01


def shows_typing(terminal: int) -> bool:
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


def read(terminal: int, said: bytearray) -> bool:
    """More of what is said; false at its end."""
    try:
        more = os.read(terminal, 4096)
    except OSError:
        return False
    said += more
    return bool(more)


def until_asked(terminal: int, prompt: bytes, said: bytearray, heard: int) -> None:
    """Until it asks and shows nothing more of what is typed; where it never stops that, a person types all the same."""
    while prompt not in said[heard:]:
        if not read(terminal, said):
            raise SystemExit(f"it ended before it asked for {prompt!r}: {said.decode()}")
    given_up = time.monotonic() + PATIENCE
    while shows_typing(terminal) and time.monotonic() < given_up:
        if select.select([terminal], [], [], LOOK_AGAIN)[0]:
            read(terminal, said)


typed, command = json.loads(sys.argv[1]), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
said, heard = bytearray(), 0
for prompt, words in typed:
    until_asked(terminal, prompt.encode(), said, heard)
    heard = len(said)
    if isinstance(words, int):
        os.kill(child, words)
    else:
        os.write(terminal, words.encode())
while read(terminal, said):
    pass
shows = shows_typing(terminal)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(json.dumps({"said": said.decode(), "code": code, "shows_typing": shows}))
