"""The only door to the network: everything that comes from outside comes through `Door.fetch`.

`door` asks and follows; `wire` holds every byte of it under one deadline; `guard` judges the addresses.
"""

from service.upstream.agent import user_agent
from service.upstream.door import Door, Rules

__all__ = ["Door", "Rules", "user_agent"]
