"""The highlands, so that Đà Lạt and Sa Pa are cool in the sample as they are in life."""

import math
from functools import lru_cache

_COAST = 8.0  # metres: what lies in no hill's reach
_REACH = 0.15  # degrees: at this distance a hill has fallen to a third

# Latitude, longitude and metres above the sea, rounded.
_HILLS = (
    (23.28, 105.36, 1030),  # Đồng Văn
    (22.74, 104.68, 550),  # Hoàng Su Phì
    (22.54, 104.29, 950),  # Bắc Hà
    (22.84, 106.53, 520),  # Trùng Khánh
    (22.40, 103.46, 930),  # Lai Châu
    (22.37, 103.23, 1530),  # Sìn Hồ
    (22.34, 103.84, 1580),  # Sa Pa
    (21.85, 104.09, 980),  # Mù Cang Chải
    (21.45, 105.64, 900),  # Tam Đảo
    (21.39, 103.02, 485),  # Điện Biên Phủ
    (21.33, 103.92, 610),  # Sơn La
    (20.85, 104.62, 950),  # Mộc Châu
    (16.63, 106.74, 420),  # Khe Sanh
    (16.27, 107.23, 570),  # A Lưới
    (16.00, 108.00, 1400),  # Bà Nà
    (14.60, 108.29, 1150),  # Măng Đen
    (14.35, 108.01, 540),  # Kon Tum
    (13.98, 108.00, 760),  # Pleiku
    (13.95, 108.65, 420),  # An Khê
    (12.91, 108.28, 700),  # Buôn Hồ
    (12.67, 108.04, 460),  # Buôn Ma Thuột
    (12.00, 107.69, 615),  # Gia Nghĩa
    (11.95, 108.44, 1480),  # Đà Lạt
    (11.55, 107.81, 840),  # Bảo Lộc
    (11.58, 108.08, 970),  # Di Linh
    (11.74, 108.37, 940),  # Đức Trọng
)


@lru_cache(maxsize=1024)
def altitude(latitude: float, longitude: float) -> float:
    """Metres above the sea, roughly."""
    heights = (
        height * math.exp(-((latitude - north) ** 2 + (longitude - east) ** 2) / _REACH**2)
        for north, east, height in _HILLS
    )
    return max(_COAST, *heights)
