"""Several hosts that share one collector's work through Valkey: it carries, each host's SQLite file keeps.

On every host a process of the collecting half (`part`) speaks with Valkey; readers never do. The host that
holds the lease collects, and publishes every record that its collector has written (`publisher`); the others
follow (`follower`) and take these into their files. While Valkey is away every host goes on alone.

In Valkey, under `pw:GROUP:`, lie a hash per kind of record, its present state (`messages`), and a stream
that tells what changed, both written by fenced scripts (`scripts`) under the holder's token (`lease`). What
is not fenced: heartbeats of the hosts and what their readers ask for (`hosts`), units that were spent alone
(`budgets`), and takedowns.
"""
