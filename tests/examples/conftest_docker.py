"""conftest.py of a project that has pytest-docker start the databases. Scope and names are pytest-docker's."""

import pytest


@pytest.fixture(scope="session")
def docker_compose_file(harness_compose_file):
    return str(harness_compose_file)


@pytest.fixture(scope="session")
def harness_endpoints(docker_ip, docker_services):
    return {
        "dynamodb_url": f"http://{docker_ip}:{docker_services.port_for('dynamodb', 8000)}",
        "postgres_dsn": f"postgresql://postgres:password@{docker_ip}:{docker_services.port_for('postgres', 5432)}/cruddur",
    }
