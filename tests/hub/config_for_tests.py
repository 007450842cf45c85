"""The recipe of docs/recipes on free ports of this machine, with users who need no account."""

import os
from pathlib import Path

c = get_config()  # type: ignore[name-defined]  # noqa: F821 — JupyterHub's own
place = Path(os.environ["HUB_PLACE"])
proxy, hub, api = (int(port) for port in os.environ["HUB_PORTS"].split(","))

recipe = Path(__file__).parents[2] / "docs/recipes/jupyterhub_config.py"
load_subconfig(str(recipe))  # type: ignore[name-defined]  # noqa: F821 — its own as well

c.JupyterHub.bind_url = os.environ["PUBLIC_URL"]
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.pid_file = str(place / "proxy.pid")
c.ConfigurableHTTPProxy.auth_token = "p" * 32
c.JupyterHub.db_url = f"sqlite:///{place}/hub.sqlite"
c.JupyterHub.cookie_secret_file = str(place / "cookie_secret")
c.JupyterHub.cleanup_servers = c.JupyterHub.cleanup_proxy = True

c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = {"ann", "bob", "tess", "mal"}
c.JupyterHub.load_groups = {
    "students": {"users": ["ann", "bob"]},
    "teachers": {"users": ["tess"]},
}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(place / "homes" / "{username}")
c.Spawner.args = ["--allow-root"] if os.getuid() == 0 else []
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
c.Spawner.environment |= {"JUPYTER_PREFER_ENV_PATH": "1", "VIDEOGEN_LANG": "en"}

c.JupyterHub.services.append({"name": "test", "api_token": os.environ["HUB_TEST_TOKEN"]})
c.JupyterHub.load_roles.append(
    {
        "name": "for-tests",
        "services": ["test"],
        "scopes": ["admin:users", "admin:servers", "access:servers", "tokens", "read:hub"],
    }
)
