package io.relaunchguard.platform.windows;

import java.util.List;
import java.util.Set;

/**
 * The rules for the owner and the writers of a file that can be trusted. The system and the administrators may always
 * write: they can change everything anyway.
 *
 * @param account the SID of this user
 * @param owner the SID of the owner of the files that this process creates
 */
record FileTrust(String account, String owner) {

    private static final String OWNER_RIGHTS = "S-1-3-4";
    private static final String SYSTEM = "S-1-5-18";
    private static final String ADMINISTRATORS = "S-1-5-32-544";

    /**
     * The rights to write and append data, write both kinds of attributes, delete, write the access control list, and
     * take ownership; GENERIC_ALL and GENERIC_WRITE.
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

    /** An entry of an access control list. The SID is read only for entries that allow or deny. */
    record Entry(int type, int flags, int mask, String sid) {

        /** The entry that a missing list is equal to. */
        static final Entry EVERYTHING_TO_EVERYBODY = new Entry(ALLOWED, 0, 0x1000_0000, "S-1-1-0");
    }

    /** Returns why a file must not be trusted; empty if it can be. */
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
