"""What the words around a number say: relation, direction, basis, subject, source, place.

Shared by the percent and money stages. All functions read simplified text and half-open offsets.
"""
