"""The vendor's other channels, beside Sensors Analytics: MiStat in its apps, and the phone's own analytics.

Known of both is little, from decompiled code of versions that are not certain. What nobody published is
invented and marked so, field by field, in the data of this folder.
"""
