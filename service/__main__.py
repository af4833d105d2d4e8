"""`python -m service` is `portal-widgets`."""

from service.cli import main

main()
