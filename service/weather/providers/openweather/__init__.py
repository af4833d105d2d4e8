"""OpenWeather's current weather, 3-hour forecast and One Call (https://openweathermap.org/api)."""
