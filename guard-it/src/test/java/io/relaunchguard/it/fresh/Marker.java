package io.relaunchguard.it.fresh;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** A bean of the user's: says when it is created, and breaks where it is told to. */
@Component
final class Marker {

    Marker(@Value("${fresh.fail:false}") boolean fails) {
        if (fails) {
            throw new IllegalStateException("this bean is broken");
        }
        System.out.println("a bean was created");
    }
}
