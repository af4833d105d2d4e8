"""Ends this process as soon as its parent has ended, also while it is busy in C code.

The parent holds the write end of a pipe and never writes to it. The kernel closes that end when the parent
dies, however it dies, and sends SIGIO, whose default action ends this process without any Python being run.
"""

import fcntl
import os
import select
import signal


def end_with_parent(read_end: int, *, whole_group: bool = False) -> None:
    """End this process (or its whole process group, which it must lead) when the pipe's write end is closed.

    PR_SET_PDEATHSIG would not do: it follows the parent's thread, not the parent.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGIO})
    owner = -os.getpgrp() if whole_group else os.getpid()
    fcntl.fcntl(read_end, fcntl.F_SETOWN, owner)
    fcntl.fcntl(read_end, fcntl.F_SETFL, fcntl.fcntl(read_end, fcntl.F_GETFL) | os.O_ASYNC | os.O_NONBLOCK)
    # A parent that died before the line above sends no signal any more.
    pipe = select.poll()
    pipe.register(read_end, 0)
    if pipe.poll(0):
        os.kill(os.getpid(), signal.SIGIO)
