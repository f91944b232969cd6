package io.relaunchguard.core.launch;

import java.nio.file.Path;

/** An operating system's implementation of the ports, found by {@link java.util.ServiceLoader}. */
public interface Platform {

    /** The operating system's name, as people write it. */
    String name();

    /** Whether this is the platform for the host we are on. */
    boolean isCurrent();

    /**
     * The ports for one profile. Touches nothing yet, and loads no native library before one is needed.
     *
     * @param profile CEF's root cache path
     */
    ProfilePorts open(Path profile);
}
