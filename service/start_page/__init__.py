"""The start page, where an editor configures a widget, previews it and copies its code."""
