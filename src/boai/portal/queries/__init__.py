"""What the open door shows. Codes open exactly one division for exactly one look (boai.relief's door)."""

from boai.portal.queries.places import Head, Place, head, place_at, places

__all__ = ["Head", "Place", "head", "place_at", "places"]
