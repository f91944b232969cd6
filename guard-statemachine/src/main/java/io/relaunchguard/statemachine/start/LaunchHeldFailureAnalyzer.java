package io.relaunchguard.statemachine.start;

import io.relaunchguard.statemachine.LaunchHeldException;

/** For a launch that was HELD. */
final class LaunchHeldFailureAnalyzer extends LaunchRefusedFailureAnalyzer<LaunchHeldException> {}
