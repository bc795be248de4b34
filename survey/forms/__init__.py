"""WHAT IS ASKED. Pure: no I/O, no clock, no framework.

An `Instrument` is data: sections of items, the conditions under which each is asked, the wordings by locale and
register, the variants. `reading.read` walks it once over what a respondent gave; `screens` lays it out in pages;
`proofing.proof` tells its designer what is wrong with it.
"""
