package io.relaunchguard.it.fresh;

import org.springframework.stereotype.Component;

/** A bean of the user's: says when it is created. */
@Component
final class Marker {

    Marker() {
        System.out.println("a bean was created");
    }
}
