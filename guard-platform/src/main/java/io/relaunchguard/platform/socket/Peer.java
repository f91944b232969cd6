package io.relaunchguard.platform.socket;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;

/**
 * The user at the other end of a connection, where the kernel reports it: SO_PEERCRED of unix(7), LOCAL_PEERCRED on
 * macOS.
 */
final class Peer {

    private static final Path SELF = Path.of("/proc/self");

    private Peer() {}

    /**
     * Checks that this Java runtime can read the user.
     *
     * @throws IOException if the module {@code jdk.net} is missing, as in a runtime that jlink made without it
     */
    static void requireModule() throws IOException {
        try {
            var unused = ExtendedSocketOptions.SO_PEERCRED.name();
        } catch (LinkageError e) {
            throw new IOException(
                    "this Java runtime has no module jdk.net, which tells who is at the other end; add it with jlink",
                    e);
        }
    }

    /**
     * Returns whether the other end belongs to this user, or the kernel does not report it, so that the directory's
     * protection must suffice. Queries the user database for names, which may block forever.
     */
    static boolean isThisUser(SocketChannel channel) throws IOException {
        return !channel.supportedOptions().contains(ExtendedSocketOptions.SO_PEERCRED)
                || channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().equals(thisUser());
    }

    /** Returns whether a file belongs to this user. Queries the user database only where there is no {@code /proc}. */
    static boolean owns(Path file) throws IOException {
        return Files.exists(SELF)
                ? Files.getAttribute(SELF, "unix:uid")
                        .equals(Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS))
                : Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).equals(thisUser());
    }

    private static UserPrincipal thisUser() throws IOException {
        // Not by name: a user in a container may have none.
        return Files.exists(SELF)
                ? Files.getOwner(SELF)
                : FileSystems.getDefault()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName(System.getProperty("user.name"));
    }
}
