"""Compose files of every style: read, or told what they are instead."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chaoslib_ext.errors import BadFile
from chaoslib_ext.links.compose.file import services_of

Compose = Callable[..., Path]


def test_a_second_file_is_laid_over_the_first(compose: Compose) -> None:
    base = compose("services: {web: {image: shop, environment: {A: '1', B: '1'}}, db: {image: postgres}}")
    over = compose("services: {web: {environment: {B: '2'}}, db: {ports: ['5432:5432']}}", "over.yml")
    read = services_of([base, over], {})
    assert read["web"].environment == {"A": "1", "B": "2"}
    assert (read["db"].image, read["db"].ports) == ("postgres", ("5432:5432",))


def test_extends_and_include_are_followed(compose: Compose) -> None:
    compose(
        "services: {base: {image: shop, environment: {A: '1'}, extends: {service: root}}, root: {expose: [80]}}",
        "b/c.yml",
    )
    compose("services: {mail: {image: mailpit}}", "mail.yml")
    compose("services: {queue: {image: rabbitmq}}", "queue.yml")
    read = services_of(
        [
            compose(
                "include: [mail.yml, {path: ['${WHERE}.yml']}]\n"
                "services: {web: {extends: {file: b/c.yml, service: base}}, too: {extends: web, image: other}}"
            )
        ],
        {"WHERE": "queue"},
    )
    assert set(read) == {"mail", "queue", "web", "too"}
    assert (read["too"].image, read["too"].environment, read["too"].expose) == ("other", {"A": "1"}, ("80",))


@pytest.mark.parametrize(
    "text",
    [
        "version: '3.8'\nservices:\n  web: {image: a, deploy: {replicas: 2, placement: {max_replicas_per_node: 1}}}\n",
        "name: shop\nservices: {web: {image: a, profiles: [debug]}}\n",
        "x-env: &e {A: b}\nservices: {web: {image: a, environment: *e}}\n",
        '{"services": {"web": {"image": "a"}}}',
        "# a comment\n---\nservices:\n  web:\n    build: .\n",
    ],
)
def test_styles_that_are_compose_files(compose: Compose, text: str) -> None:
    assert set(services_of([compose(text)], {})) == {"web"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("# only words\n", "is empty"),
        ("web:\n  image: a\n  ports: ['80:80']\n", "the first form of compose files"),
        (
            "apiVersion: v1\nkind: Service\n---\napiVersion: apps/v1\nkind: Deployment\n",
            "a Kubernetes manifest (Service)",
        ),
        ("web: gunicorn app\nworker: celery\n", "a Procfile?"),
        ("- a\n- b\n", "is not a compose file"),
        ("services: {a: {image: b}}\n---\nservices: {c: {image: d}}\n", "must be one document"),
        ("jobs: {build: {steps: []}}\n", "it has no services"),
        ("sevices: {web: {}}\n", "did you mean sevices?"),
        ("services:\n", "has no service below"),
        ("services: {}\n", "has no service below"),
        ("services: [postgres]\n", "not a list or a word"),
        ("services: {web: nginx}\n", "line 1: the service web"),
        ("services: {web: {extends: gone}}\n", "web extends gone, which"),
        ("services: {web: {extends: {file: gone.yml, service: a}}}\n", "No such file"),
        ("services: {a: {extends: b}, b: {extends: a}}\n", "a circle of extends"),
        ("include: docker-compose.yml\nservices: {a: {image: b}}\n", "a circle of extends or include"),
    ],
)
def test_another_style_is_told_what_it_is(compose: Compose, text: str, says: str) -> None:
    with pytest.raises(BadFile, match=r"docker-compose\.yml|gone\.yml") as error:
        services_of([compose(text)], {})
    assert says in str(error.value)
