"""The only door to the network: every request to another host goes through `Client.fetch`."""
