-- Every address of one person: identifiers with their clinic, and what stands in their row, where people are of a clinic (?4)
-- of theirs.
SELECT kind, value, clinic_id FROM identity WHERE contact_id = ?1
UNION ALL SELECT ?2, email, iif(?4, coalesce(clinic_id, 0), 0) FROM contact WHERE id = ?1 AND email IS NOT NULL
UNION ALL SELECT ?3, phone, iif(?4, coalesce(clinic_id, 0), 0) FROM contact WHERE id = ?1 AND phone IS NOT NULL
