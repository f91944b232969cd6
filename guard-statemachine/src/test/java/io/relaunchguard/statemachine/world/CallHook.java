package io.relaunchguard.statemachine.world;

/**
 * Stands round every call of a port: moves the world, throws anything in the port's place, or, by throwing {@link Unknown},
 * lets the port answer that it cannot tell.
 */
public interface CallHook {

    /** Before the call has any effect. */
    default void beforeCall(Port port, int index) {}

    /** After its effect, before its answer is given. */
    default void afterCall(Port port, int index) {}

    /** Makes the port answer Unknown, where its type has such an answer; elsewhere it is thrown. */
    final class Unknown extends RuntimeException {

        private static final long serialVersionUID = 1L;

        /** An answer with this reason. */
        public Unknown(String reason) {
            super(reason, null, false, false);
        }
    }
}
