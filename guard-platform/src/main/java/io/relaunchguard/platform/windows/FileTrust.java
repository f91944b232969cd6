package io.relaunchguard.platform.windows;

import java.util.List;
import java.util.Set;

/**
 * Whose a file must be, and who may change it, for it to be believed. Those who may change everything anyway are no concern:
 * the system and the administrators.
 *
 * @param account the SID of this user
 * @param owner the SID of the owner of what this process creates
 */
record FileTrust(String account, String owner) {

    private static final String OWNER_RIGHTS = "S-1-3-4";
    private static final String SYSTEM = "S-1-5-18";
    private static final String ADMINISTRATORS = "S-1-5-32-544";

    /**
     * Write and append data, write attributes of both kinds, delete, write the list, take the file over; GENERIC_ALL and
     * GENERIC_WRITE.
     */
    private static final int CHANGES =
            0x0002 | 0x0004 | 0x0010 | 0x0100 | 0x0001_0000 | 0x0004_0000 | 0x0008_0000 | 0x1000_0000 | 0x4000_0000;

    private static final int ALLOWED = 0;
    private static final int DENIED = 1;
    private static final int INHERIT_ONLY = 8;

    /** The owner of a file, and its access control list. */
    record Security(String owner, List<Entry> entries) {

        Security {
            entries = List.copyOf(entries);
        }
    }

    /** An entry of an access control list; of those that are neither allowed nor denied the SID is not read. */
    record Entry(int type, int flags, int mask, String sid) {

        /** What it amounts to that there is no list. */
        static final Entry EVERYTHING_TO_EVERYBODY = new Entry(ALLOWED, 0, 0x1000_0000, "S-1-1-0");
    }

    /** Why a file must not be believed; empty if it may. */
    String refusal(Security file) {
        if (!file.owner().equals(account) && !file.owner().equals(owner)) {
            return "belongs to another user";
        }
        Set<String> trusted = Set.of(account, OWNER_RIGHTS, SYSTEM, ADMINISTRATORS);
        for (Entry entry : file.entries()) {
            if ((entry.flags() & INHERIT_ONLY) != 0 || entry.type() == DENIED) {
                continue;
            }
            if (entry.type() != ALLOWED) {
                return "has an access control entry of kind %d, which is not understood".formatted(entry.type());
            }
            if ((entry.mask() & CHANGES) != 0 && !trusted.contains(entry.sid())) {
                return "may be changed by " + entry.sid();
            }
        }
        return "";
    }
}
