package io.relaunchguard.core.host;

/** The port to the identity of the host and the launcher. */
public interface HostPort {

    /** Reads the identity now: a host name can change while the launcher runs. */
    HostIdentity read();
}
