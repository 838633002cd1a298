"""csrflow, its agents and their nginx as processes that can be killed and started again."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

PATIENCE_SECONDS = 30  # for what takes a second on an idle machine
# Where Debian has it, which need not be in everybody's path.
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")


class Trouble(Exception):
    """What ought to work and does not; it ends the story."""


def before_long(what, condition):
    """Waits until the condition holds, and returns what it says."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        if time.monotonic() > end:
            raise Trouble(f"{what}: not within {PATIENCE_SECONDS} s")
        time.sleep(0.05)
    return found


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


class Program:
    def __init__(self, name, arguments, environment, logs):
        self.name, self.arguments = name, [str(argument) for argument in arguments]
        self.environment, self.process = {**os.environ, **environment}, None
        self.out, self.log = logs / f"{name}.out", logs / f"{name}.log"

    def start(self):
        with open(self.out, "w") as out, open(self.log, "a") as log:
            self.process = subprocess.Popen(self.arguments, env=self.environment, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=log)

    def tell(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.tell(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.tell(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def end(self):
        if self.process and self.process.poll() is None:
            self.kill()


class Server(Program):
    def __init__(self, program, data, environment, logs):
        self.data = pathlib.Path(data)
        listen = f"127.0.0.1:{free_port()}"
        self.url = f"https://{listen}"
        super().__init__("csrflow", [program, "serve", "--data", data, "--listen", listen], environment, logs)

    def start(self):
        super().start()
        before_long("the server is ready", self._is_ready)

    def _is_ready(self):
        if self.process.poll() is not None:
            raise Trouble(f"the server ended with exit code {self.process.returncode}")
        return "ready " in self.out.read_text()


class Agent(Program):
    def __init__(self, program, host, configuration, environment, logs):
        self.host = host
        super().__init__(host, [program, "run", "--config", configuration], environment, logs)


class Nginx:
    """One nginx that serves several names on one port, each with its own certificate."""

    def __init__(self, folder, state, names):
        self.folder, self.port = folder, free_port()
        folder.mkdir()
        self.addresses = {name: ("127.0.0.1", self.port) for name in names}
        servers = "".join(f"""
  server {{
    listen 127.0.0.1:{self.port} ssl;
    server_name {name};
    ssl_certificate {state}/{name}/current/tls.crt;
    ssl_certificate_key {state}/{name}/current/tls.key;
    return 200;
  }}""" for name in names)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"  {kind}_temp_path {kind};\n" for kind in kinds)
        self.configuration = folder / "nginx.conf"
        self.pid_file = folder / "nginx.pid"
        self.configuration.write_text(f"""worker_processes 2;
pid {self.pid_file};
events {{ worker_connections 256; }}
http {{
  access_log off;
{temporary}{servers}
}}
""")

    def command(self, *more):
        log = self.folder / "error.log"
        return [NGINX, "-p", str(self.folder), "-c", str(self.configuration), "-e", str(log), *more]

    def start(self):
        subprocess.run(self.command(), check=True)

    def stop(self):
        if self.pid_file.exists():
            subprocess.run(self.command("-s", "stop"), check=False)


def kubectl(program, kubeconfig, *arguments, documents=()):
    done = subprocess.run([str(program), "--kubeconfig", str(kubeconfig), *arguments], text=True, capture_output=True,
                          input="\n".join(map(json.dumps, documents)))
    if done.returncode != 0:
        raise Trouble(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def json_lines(*command):
    done = subprocess.run([str(part) for part in command], text=True, capture_output=True)
    if done.returncode != 0:
        raise Trouble(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]
