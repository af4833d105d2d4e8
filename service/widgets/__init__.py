"""Domain → what a template shows. Pure: presenters decide words and states, templates only place them."""
