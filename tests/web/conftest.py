"""A site that has fresh weather for two places, and the corpus of hostile strings where there is one."""

import os

import pytest
from web_site import NOW, Site, an_outlook

collect_ignore = [] if os.environ.get("PORTAL_WIDGETS_CORPUS") else ["test_hostile_strings.py"]


@pytest.fixture(scope="session")
def long_lived(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Made once: the index of the places takes longer than most tests."""
    return Site.in_folder(tmp_path_factory.mktemp("site"))


@pytest.fixture
def site(long_lived: Site) -> Site:
    """Đông Hà and Huế have fresh weather, everything else has none."""
    long_lived.now, long_lived.fault = NOW, None
    long_lived.store.forget(long_lived.store.keys(""))
    long_lived.keep("dong-ha", "hue", outlook=an_outlook())
    return long_lived
