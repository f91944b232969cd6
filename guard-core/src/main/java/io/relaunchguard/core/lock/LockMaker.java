package io.relaunchguard.core.lock;

import io.relaunchguard.core.process.ProcessIdentity;

/** What has become of the process that made a lock, as far as the {@link InstanceRecord} shows it. */
public sealed interface LockMaker {

    /** It is provably gone. */
    record Gone(String proof) implements LockMaker {}

    /** It is that live process. */
    record Alive(ProcessIdentity process) implements LockMaker {}

    /** It is alive, or may be, where it cannot be seen: that its pid is free here shows nothing. */
    record Elsewhere(String reason) implements LockMaker {}

    /** It cannot be told. */
    record Untold(String reason) implements LockMaker {}
}
