package io.relaunchguard.statemachine.world;

import io.relaunchguard.core.process.Signal;

/**
 * A signal, and its receiver at the moment it arrived.
 *
 * @param receiver the process itself
 * @param reached whether it was alive to receive it
 * @param namedByLock whether the lock named its pid then, and this process had the pid
 * @param consentStood whether a claimed marker named exactly this process then
 * @param atMillis when, since the world began
 */
public record ReceivedSignal(
        Signal signal,
        WorldProcess receiver,
        boolean reached,
        boolean namedByLock,
        boolean consentStood,
        long atMillis) {}
