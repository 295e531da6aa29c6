//! The store suite: every case runs on both engines. A new method of `Tx` arrives with its case.

#[path = "suite/mod.rs"]
mod suite;

/// Makes one test per case and engine.
macro_rules! on_both_engines {
    ($($room:ident { $($case:ident)+ })+) => {
        mod sqlite {
            $(mod $room { $(
                #[test]
                fn $case() { crate::suite::bed::on_sqlite(crate::suite::$room::$case); }
            )+ })+
        }
        mod postgres {
            $(mod $room { $(
                #[test]
                fn $case() { crate::suite::bed::on_postgres(crate::suite::$room::$case); }
            )+ })+
        }
    };
}

on_both_engines! {
    users {
        a_user_reads_back
        names_are_unique_and_sorted_byte_by_byte
        i04_a_status_never_goes_back
        passwords_are_set_and_replaced
        deleting_a_user_takes_everything_of_theirs
    }
}
