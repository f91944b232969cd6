package io.relaunchguard.statemachine.start;

import io.relaunchguard.statemachine.LaunchHeldException;

/** The analyzer for a launch that was HELD. */
final class LaunchHeldFailureAnalyzer extends LaunchRefusedFailureAnalyzer<LaunchHeldException> {}
