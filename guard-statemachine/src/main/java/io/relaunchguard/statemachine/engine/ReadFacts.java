package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.lifecycle.LaunchEvent;

/** Reads every fact: in HOLDER_READ, where the holder is pinned first, and afresh in REVALIDATE, before force is used. */
final class ReadFacts implements Stage {

    @Override
    public void enter(Launch launch) {
        launch.readFacts();
        launch.raise(LaunchEvent.FACTS_READ);
    }
}
