"""What operations would cost on other hardware: published energies, and models.

Everything here is an estimate. Energies are data (energies.csv): value, unit, process,
what is in it, kind, how it came about, grade and source. Grades: «read», the figure was
read in the publication itself; «code», in its authors' code; «reported», others report
it from the publication; «derived», worked out here. Two kinds are never mixed: averages
of a whole chip, and costs of single terms, which leave out what is always on.
"""
