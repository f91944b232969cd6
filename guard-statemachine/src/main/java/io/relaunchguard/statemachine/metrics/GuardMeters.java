package io.relaunchguard.statemachine.metrics;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;

/**
 * The meters of a launch. No tag has a process, a host, a path or a message as its value: each tag has a handful of
 * values.
 */
public enum GuardMeters implements MeterDocumentation {

    /** The time that launches took, from the first state to the last. */
    LAUNCH("relaunch.guard.launch", Meter.Type.TIMER, Tag.OUTCOME, Tag.VERDICT, Tag.UPDATE),

    /** The time that launches stayed in each state, once for each stay. */
    STATE("relaunch.guard.state", Meter.Type.TIMER, Tag.STATE),

    /** The state that the launch in this process is in, or ended in: 1 for that state and 0 for every other. */
    STATE_CURRENT("relaunch.guard.state.current", Meter.Type.GAUGE, Tag.STATE),

    /** The number of transitions taken. */
    TRANSITION("relaunch.guard.transition", Meter.Type.COUNTER, Tag.FROM, Tag.TO),

    /** The results of the safety predicates in the last judgement of each launch. */
    PREDICATE("relaunch.guard.predicate", Meter.Type.COUNTER, Tag.PREDICATE, Tag.RESULT),

    /** The number of signals sent. */
    SIGNAL("relaunch.guard.signal", Meter.Type.COUNTER, Tag.SIGNAL, Tag.RESULT);

    private final String meterName;
    private final Meter.Type type;

    // The enum hands out no array: getKeyNames copies it.
    @SuppressWarnings("ImmutableEnumChecker")
    private final KeyName[] tags;

    GuardMeters(String meterName, Meter.Type type, KeyName... tags) {
        this.meterName = meterName;
        this.type = type;
        this.tags = tags;
    }

    @Override
    public String getName() {
        return meterName;
    }

    @Override
    public Meter.Type getType() {
        return type;
    }

    @Override
    public KeyName[] getKeyNames() {
        return tags.clone();
    }

    /** The tags; all values are lowercase. */
    public enum Tag implements KeyName {

        /** The outcome of the launch: ready, held or failed; unfinished if it was killed, with a time of 0. */
        OUTCOME,

        /** The last verdict on the holder: reap, spare, or none if the guard broke before it could judge. */
        VERDICT,

        /** The effect of an update: applied, not_applied, unknown, or none if there was no update. */
        UPDATE,

        /** A state of the lifecycle, such as marker_check. */
        STATE,

        /** The state that a transition leaves. */
        FROM,

        /** The state that a transition enters. */
        TO,

        /** A safety predicate, such as marker-present. */
        PREDICATE,

        /** The result. Of a predicate: holds, fails or unknown. Of a signal: delivered, gone or refused. */
        RESULT,

        /** The signal: term, cont or kill. */
        SIGNAL;

        @Override
        public String asString() {
            return TagValues.of(this);
        }
    }
}
