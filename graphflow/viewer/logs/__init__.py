"""What event files hold, read once and kept as columns.

    frames        the records of a file, damage skipped where the length is sound
    columns       growing tables of numbers: a row per event, a column per tag
    event_values  what a value of a summary is (scalar, histogram, image, ...), of the v1 and the v2 kind
    repeated      rows of alike events taken in at once
    file_log      one event file: where its reading stands, its tables
    folders       which event files there are, looked for at little cost
    bins          a series thinned to pixels: least, greatest, mean and last of each
    details       histograms, images, sounds, texts: read again from the file when somebody looks at them
"""
