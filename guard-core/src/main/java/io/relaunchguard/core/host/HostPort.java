package io.relaunchguard.core.host;

/** The port to the host's and the launcher's own identity. */
public interface HostPort {

    /** Reads it now: a host name can change while the launcher runs. */
    HostIdentity read();
}
