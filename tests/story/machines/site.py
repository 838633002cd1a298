"""A site: one csrflow, two hosts with agents, an nginx on each. web-1's agent reloads its nginx by a signal, web-2's
by a program."""
import json

from .documents import HOSTS, agent_configuration, rules
from .hosts import Agent, Nginx, Server, before_long, json_lines, kubectl
from .power_loss import ForgetfulDisk

# Fails for the next installation when there is a file `broken`, and uses it up.
HOOK = """#!/bin/sh
echo "$CSRFLOW_EVENT $CSRFLOW_SERIAL" >>"{folder}/hooks"
if [ "$CSRFLOW_EVENT" = installed ] && mv "{folder}/broken" "{folder}/was-broken" 2>/dev/null; then
  echo "nginx does not reload today"
  exit 1
fi
exec kill -HUP "$(cat "{pid_file}")"
"""


class Site:
    def __init__(self, folder, build, kubectl_program):
        self.folder, self.build, self.kubectl_program = folder, build, kubectl_program
        self.logs = folder / "logs"
        self.logs.mkdir()
        self.disk = ForgetfulDisk(build / "tests/story/machines/libforgetful_disk.so", folder / "machines",
                                  folder / "promises")
        environment = self.disk.environment()
        self.data = self.disk.add("csrflow") / "ca"
        self.server = Server(build / "csrflow", self.data, environment, self.logs)
        self.agents, self.nginxes = [], []
        for host, names in HOSTS.items():
            state = self.disk.add(host) / "state"
            nginx = Nginx(folder / f"nginx-{host}", state, names)
            self.nginxes.append(nginx)
            configuration = folder / f"{host}.yaml"
            configuration.write_text(json.dumps(agent_configuration(
                self.server.url, folder / "authority.pem", state, host, folder / f"{host}.token",
                names, self._reload(host, nginx), nginx.port)))
            self.agents.append(Agent(build / "csrflow-agent", host, configuration, environment, self.logs))

    def _reload(self, host, nginx):
        if host == "web-1":
            return {"signal": {"pidFile": str(nginx.pid_file)}}
        hook = nginx.folder / "reload"
        hook.write_text(HOOK.format(folder=nginx.folder, pid_file=nginx.pid_file))
        hook.chmod(0o755)
        return {"command": [str(hook)]}

    def open(self):
        """Everything runs, and each name is served."""
        self.server.start()
        (self.folder / "authority.pem").write_bytes((self.data / "ca.crt").read_bytes())
        kubectl(self.kubectl_program, self.data / "admin.kubeconfig", "apply", "-f", "-", documents=rules())
        for agent, nginx in zip(self.agents, self.nginxes):
            token = self.csrflow("token", "create", "--agent", agent.host, "--ttl", "10m", "-o", "json")[0]
            (self.folder / f"{agent.host}.token").write_text(token["status"]["token"])
            agent.start()
        for agent, nginx in zip(self.agents, self.nginxes):
            certificates = [self.state(agent) / name / "current/tls.crt" for name in HOSTS[agent.host]]
            before_long(f"{agent.host} has its certificates", lambda: all(one.exists() for one in certificates))
            nginx.start()

    def state(self, agent):
        return self.disk.folder / agent.host / "state"

    def csrflow(self, *arguments):
        """What a command says of the data directory, an object a line."""
        return json_lines(self.build / "csrflow", *arguments, "--data", self.data)

    def trust_bundle(self):
        """What the administrator gives to clients. One CA stands behind all signers."""
        bundles = json.loads(kubectl(self.kubectl_program, self.data / "admin.kubeconfig", "get", "clustertrustbundles",
                                     "-o", "json"))
        return bundles["items"][0]["spec"]["trustBundle"]

    @property
    def addresses(self):
        return {name: address for nginx in self.nginxes for name, address in nginx.addresses.items()}

    @property
    def programs(self):
        return [self.server, *self.agents]

    def close(self):
        for program in self.programs:
            program.end()
        for nginx in self.nginxes:
            nginx.stop()
