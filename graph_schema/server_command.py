"""The command line of the embedded server: which Java, which settings."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from pathproof.errors import DependencyError
from pathproof.graph_schema.child import HOST
from pathproof.graph_schema.reader import credentials

USER = "root"
DATABASE = "pathproof"
HEAP = "768m"  # with the serial collector 0.94 GB resident after a load of 1,000,000 relationships
COMMAND_MS = 600_000
_PACKAGE = "arcadedb_embedded"


def runtime() -> tuple[Path, str]:
    """The Java program of the wheel, and its class path.

    Raises
    ------
    DependencyError
        The wheel is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    package = Path(spec.origin).parent if spec is not None and spec.origin else None
    java = package / "jre" / "bin" / "java" if package else None
    if package is None or java is None or not java.is_file():
        raise DependencyError(
            "The embedded graph store is not installed.",
            got=f"no usable package {_PACKAGE}",
            action="pip install 'arcadedb-embedded==26.10.2.post1', or use a Neo4j with --store bolt://HOST:7687",
        )
    return java, str(package / "jars" / "*")


def arguments(jars: str, data: Path, password: str, ports: tuple[int, int]) -> str:
    """The argument file of `java`: Bolt and HTTP on the two ports of the loopback, every commit flushed to the disk."""
    settings = {
        "server.rootPath": data.resolve(),
        "server.rootPassword": password,
        "server.mode": "development",  # production hides what is wrong with a query; loopback and password hold in both
        "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "bolt.host": HOST,
        "bolt.port": ports[0],
        "bolt.defaultDatabase": DATABASE,
        "server.httpIncomingHost": HOST,
        "server.httpIncomingPort": ports[1],
        "server.defaultDatabases": f"{DATABASE}[{USER},{credentials(password)}]",
        "txWalFlush": 1,  # without it a commit is not flushed to the disk
        "opencypher.loadCsv.allowFileUrls": "false",
        "opencypher.loadCsv.allowRemoteUrls": "false",
        "command.timeout": COMMAND_MS,  # the last resort: user queries are stopped in their own time (stopper.py)
        "queryMaxConcurrent": 0,  # else a few queries that nothing can stop would keep every other one waiting
    }
    words = [
        f"-Xmx{HEAP}",
        "-XX:+UseSerialGC",  # 150,000 relationships: 0.45 GB resident instead of 0.57, at the same processor time
        "--add-modules=jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
        "-XX:+UseCompactObjectHeaders",
        *(f"-Darcadedb.{name}={value}" for name, value in settings.items()),
        "-cp",
        jars,
        "com.arcadedb.server.ArcadeDBServer",
    ]
    quoted = ('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
    return "\n".join(quoted) + "\n"
