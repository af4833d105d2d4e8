"""gunicorn's settings: `gunicorn -c python:service.gunicorn service.asgi:app`, which is what `serve` runs."""

bind = "127.0.0.1:8000"
worker_class = "asgi"
workers = 2
graceful_timeout = 20
keepalive = 75
control_socket_disable = True  # it would be opened in the home directory of whoever runs it
accesslog = None
errorlog = "-"
proc_name = "portal-widgets"
