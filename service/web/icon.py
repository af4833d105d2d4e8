"""The site's icon, drawn here: a sun behind a cloud, legible at 16 px."""

FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<circle cx="10" cy="6" r="4" fill="#f2a31b"/>'
    '<path d="M4 14a3 3 0 0 1-.4-6 4 4 0 0 1 7.6 1A2.6 2.6 0 0 1 11 14z" fill="#4a7fb5"/></svg>'
)
