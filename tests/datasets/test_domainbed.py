"""DomainBed's split, against values of its own code and of the real PACS files."""

import hashlib

import numpy as np
import pytest

from rise.datasets.protocols.domainbed import out_keys, parts, permutation, seed_hash
from rise.errors import DataError
from tests.datasets.images import PACS_DOMAINS, listed_dataset, pacs_dataset, pacs_names

HASHES = {
    (0, 0): 894182419,
    (0, 1): 1514274641,
    (0, 2): 1325548499,
    (0, 3): 1796103049,
    (0, 4): 1773288162,
    (0, 5): 1833038383,
    (1, 0): 785910682,
    (1, 1): 1442673865,
    (1, 2): 1981683110,
    (1, 3): 1739848239,
    (2, 0): 472130416,
    (2, 1): 181139023,
    (2, 2): 248334461,
    (2, 3): 1709828778,
    (3, 0): 228473481,
    (0,): 1003224347,
    (0, "lr"): 1017368932,
    (0, "batch_size"): 1818854505,
    ("PACS", "ERM", (0,), 0, 0): 94828300,
    ("PACS", "ERM", (0,), 1, 2): 1553601838,
    ("OfficeHome", "ERM", (0, 2), 0, 0): 232418109,
    # Recorded in DomainBed's own sweep (domainbed/misc/test_sweep_data).
    ("VLCS", "ERM", (0,), 0, 0): 1721972278,
    ("VLCS", "ERM", (0,), 0, 1): 745093665,
    ("VLCS", "ERM", (0,), 1, 0): 1155380425,
    ("VLCS", "ERM", (0,), 1, 1): 1826196677,
    ("VLCS", "ERM", (1,), 0, 0): 2080818722,
    ("VLCS", "ERM", (0, 1), 0, 0): 560039459,
    ("VLCS", "ERM", (2,), 0, 1): 729020776,
}


@pytest.mark.parametrize(("args", "value"), HASHES.items())
def test_seed_hash(args, value):
    listed = [list(arg) if isinstance(arg, tuple) else arg for arg in args]
    assert seed_hash(*listed) == value


KEYS = {
    (0, 0): "7 6 10 17 2 11 13 16 15 1",
    (0, 1): "3 1 0 17 14 18 11 8 7 16",
    (0, 2): "11 17 19 14 1 8 3 5 7 9",
    (0, 3): "13 18 2 9 16 10 19 15 17 12",
    (1, 0): "8 9 18 15 11 12 19 6 17 7",
    (1, 1): "13 19 8 6 18 2 15 3 12 17",
    (2, 0): "2 8 1 17 15 19 18 11 10 0",
    (2, 3): "11 9 10 13 14 5 15 16 12 18",
}


@pytest.mark.parametrize(("place", "keys"), KEYS.items())
def test_the_first_keys_of_twenty(place, keys):
    order = permutation(20, seed_hash(*place))
    assert out_keys(20, *place) == order[:4]
    assert " ".join(map(str, order[:10])) == keys
    assert sorted(order) == list(range(20))


@pytest.mark.parametrize(
    ("seed", "keys"),
    [
        (0, "18 1 19 8 10 17 6 13 4 2 5 14 9 7 16 11 3 0 15 12"),
        (1, "3 16 6 10 2 14 4 17 7 1 13 0 19 18 9 15 8 12 11 5"),
    ],
)
def test_permutation_of_a_raw_seed(seed, keys):
    assert " ".join(map(str, permutation(20, seed))) == keys


SIZES = {  # images: (out, in), domains of PACS, VLCS, OfficeHome, Terra's two sets, DomainNet
    **{2048: (409, 1639), 2344: (468, 1876), 1670: (334, 1336), 3929: (785, 3144)},
    **{1415: (283, 1132), 2656: (531, 2125), 3282: (656, 2626), 3376: (675, 2701)},
    **{2427: (485, 1942), 4365: (873, 3492), 4439: (887, 3552), 4357: (871, 3486)},
    **{4741: (948, 3793), 9736: (1947, 7789), 3970: (794, 3176), 5883: (1176, 4707)},
    **{4879: (975, 3904), 9767: (1953, 7814), 4020: (804, 3216), 6122: (1224, 4898)},
    **{48129: (9625, 38504), 51605: (10321, 41284), 72266: (14453, 57813)},
    **{172500: (34500, 138000), 172947: (34589, 138358), 69128: (13825, 55303)},
}


@pytest.mark.parametrize(("n", "sizes"), SIZES.items())
def test_sizes(n, sizes):
    out = len(out_keys(n, 0, 0))
    assert (out, n - out) == sizes


# trial, domain: first three of `out`, digest of its sorted names, of its sorted places.
PACS = [
    "0",
    "art",
    "elephant/pic_172.jpg",
    "giraffe/pic_045.jpg",
    "person/pic_511.jpg",
    "8754d58ef10f39ed",
    "7427316021815016",
    "0",
    "cartoon",
    "horse/pic_181.jpg",
    "elephant/pic_182.jpg",
    "elephant/pic_076.jpg",
    "5dd62d882e3cea9b",
    "f02bf81c841c3754",
    "0",
    "photo",
    "person/253_0204.jpg",
    "person/253_0195.jpg",
    "elephant/064_0106.jpg",
    "e9c4be74416d3896",
    "f26071e7c5d821d7",
    "0",
    "sketch",
    "guitar/n03272010_7092-1.png",
    "giraffe/n02439033_221-1.png",
    "guitar/n03272010_7092-2.png",
    "838adcd6538bfd9c",
    "ee539d65ae401961",
    "1",
    "art",
    "house/pic_100.jpg",
    "person/pic_124.jpg",
    "guitar/pic_192.jpg",
    "a90285b0441700d2",
    "cddbb435d300821c",
    "1",
    "cartoon",
    "person/pic_184.jpg",
    "horse/pic_347.jpg",
    "dog/pic_381.jpg",
    "5277f5879a9d58c5",
    "31ddc5cdbbb4e17d",
    "1",
    "photo",
    "house/pic_161.jpg",
    "person/253_0113.jpg",
    "house/pic_158.jpg",
    "e96a707264db7d71",
    "a57bb1537923e5cd",
    "1",
    "sketch",
    "giraffe/n02439033_8846-11.png",
    "giraffe/n02439033_10616-5.png",
    "horse/n02374451_10098-7.png",
    "aeda560845e16d8f",
    "4bb80a71908c2815",
    "2",
    "art",
    "elephant/pic_010.jpg",
    "person/pic_055.jpg",
    "guitar/pic_023.jpg",
    "710fc8eddec7d9de",
    "e4e3117100750a36",
    "2",
    "cartoon",
    "elephant/pic_280.jpg",
    "guitar/pic_089.jpg",
    "elephant/pic_424.jpg",
    "0df6c85ec50a99a8",
    "9ec26446c2f95368",
    "2",
    "photo",
    "house/pic_013.jpg",
    "elephant/064_0062.jpg",
    "guitar/063_0067.jpg",
    "c83efe68dabe4255",
    "bff337b09ba04bab",
    "2",
    "sketch",
    "house/8826.png",
    "elephant/n02503517_4687-6.png",
    "giraffe/n02439033_10919-3.png",
    "06de9afb83d4be24",
    "61c754427e9f6c78",
]
PACS_CASES = [PACS[at : at + 7] for at in range(0, len(PACS), 7)]
ORDER = ["e2dcf8e28bf1fdd9", "61320a18aeccb5fe", "9bde5d380ba27a6a", "dd2e9d315d26afe6"]


def sixteen(names, between: str) -> str:
    return hashlib.sha256(between.join(map(str, names)).encode()).hexdigest()[:16]


def in_order(domain: str) -> list[str]:
    """The "<class>/<file>" of a domain in ImageFolder order."""
    return [path.split("/", 1)[1] for path, _ in pacs_names() if path.split("/")[0] == domain]


@pytest.mark.parametrize(("domain", "digest"), list(zip(PACS_DOMAINS, ORDER, strict=True)))
def test_the_order_of_pacs_files(domain, digest):
    assert sixteen(in_order(domain), "\n") == digest


@pytest.fixture(scope="module")
def pacs():
    return pacs_dataset()


@pytest.mark.parametrize("case", PACS_CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_the_split_of_pacs(case, pacs):
    trial, short, *first, names, keys = case
    (domain,) = (name for name in PACS_DOMAINS if name.startswith(short))
    files = in_order(domain)
    out = out_keys(len(files), int(trial), PACS_DOMAINS.index(domain))
    assert [files[key] for key in out[:3]] == first
    assert sixteen(sorted(out), ",") == keys
    rows, rest = parts(pacs, domain, int(trial))
    assert sixteen(sorted(p.split("/", 1)[1] for p in pacs.columns["path"][rows]), "\n") == names
    assert np.array_equal(np.sort(np.concatenate([rows, rest])), pacs.rows(domain))


def test_domains_are_numbered_by_folder_whatever_the_catalog_order():
    files = [
        (f"{d}/{c}/{k}.png", f"{d}{c}{k}") for d in "bca" for c in ("Cat", "dog") for k in "xyz"
    ]
    plain = listed_dataset(sorted(files))
    turned = listed_dataset(sorted(files))
    turned.domains.reverse()
    turned.columns["domain"] = 2 - plain.columns["domain"]
    for domain in "abc":
        for first, second in zip(parts(plain, domain, 3), parts(turned, domain, 3), strict=True):
            assert np.array_equal(first, second)


def test_images_without_file_names_are_refused():
    decoded = listed_dataset([("a/Cat/x.png", "x"), ("b/Cat/y.png", "y")])
    decoded.files.clear()
    with pytest.raises(DataError, match="needs the published file names"):
        parts(decoded, "a", 0)
