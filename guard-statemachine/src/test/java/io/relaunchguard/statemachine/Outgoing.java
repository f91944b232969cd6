package io.relaunchguard.statemachine;

import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.successor.Successor;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** The waits of an outgoing process, for tests in other packages. */
public final class Outgoing {

    private final ClaimWait wait;

    public Outgoing(ProfilePorts ports, String nonce, Duration longest) {
        this.wait = new ClaimWait(ports, nonce, longest);
    }

    public HandoffResult await(Successor successor) {
        return wait.await(successor);
    }

    public HandoffResult notStarted() {
        return wait.notStarted("there is no such program");
    }

    public boolean endsBeforeItAsks(Successor successor, BooleanSupplier closing) {
        return wait.endsBeforeItAsks(successor, closing);
    }

    public HandoffResult ended(Successor successor) {
        return wait.ended(successor);
    }

    public void changed() {
        wait.changed();
    }
}
