"""A JupyterHub whose users share one gateway: copy what follows into your jupyterhub_config.py.

Needs videogen-nb with its ``hub`` extra beside the hub, and videogen-nb where notebooks run.
"""

import os
import sys

c = get_config()  # noqa: F821 — JupyterHub's own

#: The address at which people reach the hub, with a slash at its end.
public_url = os.environ.get("PUBLIC_URL", "http://127.0.0.1:8000/")

c.JupyterHub.public_url = public_url
c.JupyterHub.services = [
    {
        "name": "videogen",
        "url": os.environ.get("VIDEOGEN_LISTEN", "http://127.0.0.1:8010"),
        "command": [sys.executable, "-m", "videogen_nb", "serve"],
        "environment": {"VIDEOGEN_HOME": os.environ.get("VIDEOGEN_HOME", "/srv/videogen")},
        "display": False,  # there is no page to open
    }
]
c.JupyterHub.load_roles = [
    # Who may use the gateway. Members of the group "teachers" see everybody's tasks.
    {
        "name": "videogen-user",
        "groups": ["students", "teachers"],
        "scopes": ["access:services!service=videogen"],
    },
    # What the token that each notebook server has may do: without this it is not let in.
    {
        "name": "server",
        "scopes": [
            "users:activity!user",
            "access:servers!server",
            "access:services!service=videogen",
        ],
    },
]
# With the hub's own token, connect() finds the gateway by itself.
c.Spawner.environment = {"VIDEOGEN_URL": f"{public_url}services/videogen"}
