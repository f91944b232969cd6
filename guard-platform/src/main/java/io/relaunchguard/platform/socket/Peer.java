package io.relaunchguard.platform.socket;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;

/** Who is at the other end of a connection, where the kernel tells: SO_PEERCRED of unix(7), LOCAL_PEERCRED on macOS. */
final class Peer {

    private Peer() {}

    /** Whether it is this user, or the kernel does not tell and the directory's protection has to do. */
    static boolean isThisUser(SocketChannel channel) throws IOException {
        return !channel.supportedOptions().contains(ExtendedSocketOptions.SO_PEERCRED)
                || channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().equals(thisUser());
    }

    /** This user. */
    static UserPrincipal thisUser() throws IOException {
        return FileSystems.getDefault()
                .getUserPrincipalLookupService()
                .lookupPrincipalByName(System.getProperty("user.name"));
    }
}
