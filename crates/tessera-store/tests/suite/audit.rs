//! The audit log.

use tessera_model::{AuditEvent, AuditId, EventCode, RecordedCode, RecordedEvent};
use tessera_store::{AuditFilter, AuditPlace, STRETCH};

use super::bed::Bed;
use super::sample::{at, bytes, client_id, grant_id, session_id, user_id};

fn event(number: u32, code: EventCode) -> AuditEvent {
    AuditEvent {
        id: AuditId::from_random(bytes(number)),
        at: at(i64::from(number / 2)),
        code,
        actor: "anonymous".to_owned(),
        user_id: None,
        client_id: None,
        session_id: None,
        grant_id: None,
        ip: None,
        request_id: None,
        detail: None,
    }
}

fn read_back(event: &AuditEvent) -> RecordedEvent {
    let AuditEvent { id, at, code, actor, user_id, client_id, session_id, grant_id, ip, request_id, detail } =
        event.clone();
    let code = RecordedCode::Known(code);
    AuditEvent { id, at, code, actor, user_id, client_id, session_id, grant_id, ip, request_id, detail }
}

pub async fn an_event_reads_back_and_is_written_once(bed: Bed) {
    let full = AuditEvent {
        user_id: Some(user_id(1)),
        client_id: Some(client_id(1)),
        session_id: Some(session_id(1)),
        grant_id: Some(grant_id(1)),
        ip: Some("2001:db8::1".to_owned()),
        request_id: Some("req-1".to_owned()),
        detail: Some("wrong_password".to_owned()),
        ..event(1_000, EventCode::LoginFailed)
    };
    let mut all = vec![full];
    all.extend((0..).zip(EventCode::ALL).map(|(number, code)| event(number, code)));
    let events = &all;
    for _ in 0..2 {
        bed.write(|tx| async move { tx.audit().append_all(events).await }).await;
    }
    let mut listed = in_pages(&bed, AuditFilter::default(), 1_000).await;
    let mut expected: Vec<_> = all.iter().map(read_back).collect();
    assert_eq!(listed[0], expected[0], "newest first");
    listed.sort_by_key(|event| *event.id.as_bytes());
    expected.sort_by_key(|event| *event.id.as_bytes());
    assert_eq!(listed, expected);
}

pub async fn events_are_filtered_and_paged(bed: Bed) {
    let events: Vec<_> = (0..30)
        .map(|number| AuditEvent {
            user_id: (number % 2 == 0).then(|| user_id(number % 4)),
            client_id: (number % 3 == 0).then(|| client_id(1)),
            request_id: Some(format!("req-{}", number / 3)),
            ..event(number, if number % 5 == 0 { EventCode::LoginFailed } else { EventCode::LoginSucceeded })
        })
        .collect();
    let written = &events;
    bed.write(|tx| async move { tx.audit().append_all(written).await }).await;
    let filters = [
        AuditFilter::default(),
        AuditFilter { user: Some(user_id(2)), ..AuditFilter::default() },
        AuditFilter { client: Some(client_id(1)), ..AuditFilter::default() },
        AuditFilter { code: Some(EventCode::LoginFailed), ..AuditFilter::default() },
        AuditFilter {
            user: Some(user_id(0)),
            client: Some(client_id(1)),
            code: Some(EventCode::LoginSucceeded),
            ..AuditFilter::default()
        },
        AuditFilter { since: Some(at(5)), until: Some(at(9)), ..AuditFilter::default() },
        AuditFilter { since: Some(at(5)), user: Some(user_id(2)), ..AuditFilter::default() },
        AuditFilter { request: Some("req-7".to_owned()), ..AuditFilter::default() },
        AuditFilter { request: Some("req-99".to_owned()), ..AuditFilter::default() },
    ];
    for filter in filters {
        let mut expected: Vec<_> = events
            .iter()
            .filter(|event| filter.user.is_none() || event.user_id == filter.user)
            .filter(|event| filter.client.is_none() || event.client_id == filter.client)
            .filter(|event| filter.code.is_none_or(|code| event.code == code))
            .filter(|event| filter.request.is_none() || event.request_id == filter.request)
            .filter(|event| filter.since.is_none_or(|since| event.at >= since))
            .filter(|event| filter.until.is_none_or(|until| event.at < until))
            .map(read_back)
            .collect();
        expected.sort_by_key(|event| std::cmp::Reverse((event.at, *event.id.as_bytes())));
        assert_eq!(in_pages(&bed, filter, 4).await, expected);
    }
}

/// A page looks at a stretch of rows. One without a row that fits is empty, and says where to go on.
pub async fn a_page_looks_at_a_bounded_stretch(bed: Bed) {
    let rare = |number| number == 0 || number == STRETCH + 100;
    let events: Vec<_> = (0..2 * STRETCH + 500)
        .map(|number| event(number, if rare(number) { EventCode::CodeReuse } else { EventCode::LoginFailed }))
        .collect();
    for some in events.chunks(5_000) {
        bed.write(|tx| async move { tx.audit().append_all(some).await }).await;
    }
    let mut filter = AuditFilter { code: Some(EventCode::CodeReuse), ..AuditFilter::default() };
    let mut found = Vec::new();
    for _ in 0..3 {
        let asked = &filter;
        let page = bed.read(|tx| async move { tx.audit().page(asked, 10).await }).await;
        found.push(page.events.len());
        filter.after = page.next;
    }
    assert_eq!((found, filter.after), (vec![0, 1, 1], None));
}

pub async fn a_request_is_found_by_its_id(bed: Bed) {
    let events: Vec<_> = [
        (0, "refused", EventCode::SessionEnded),
        (6, "refused", EventCode::LoginSucceeded),
        (4, "refused", EventCode::LoginFailed),
        (8, "went-well", EventCode::RefreshRotated),
    ]
    .map(|(number, id, code)| AuditEvent { request_id: Some(id.to_owned()), ..event(number, code) })
    .into();
    let written = &events;
    bed.write(|tx| async move { tx.audit().append_all(written).await }).await;
    let times =
        async |id: &'static str| bed.read(|tx| async move { tx.audit().times_of_request(id).await }).await;
    assert_eq!(times("refused").await, Some((at(0), at(2))), "an ordinary success is not in the index");
    assert_eq!((times("went-well").await, times("nobody's").await), (None, None));
}

pub async fn old_events_are_purged_in_small_steps(bed: Bed) {
    let events: Vec<_> = (0..1_300).map(|number| event(number, EventCode::LoginFailed)).collect();
    let written = events.as_slice();
    bed.write(|tx| async move { tx.audit().append_all(written).await }).await;
    let purge = async || bed.write(|tx| async move { tx.audit().purge(at(300), 500).await }).await;
    assert_eq!([purge().await, purge().await, purge().await], [500, 100, 0]);
    let left = in_pages(&bed, AuditFilter::default(), 2_000).await;
    assert_eq!(left.len(), 700);
    assert_eq!(left.last().unwrap().at, at(300), "what is as old as that stays");
}

async fn in_pages(bed: &Bed, mut filter: AuditFilter, limit: u32) -> Vec<RecordedEvent> {
    let mut all = Vec::new();
    loop {
        let asked = &filter;
        let page = bed.read(|tx| async move { tx.audit().page(asked, limit).await }).await;
        assert!(page.events.len() <= usize::try_from(limit).unwrap(), "{}", page.events.len());
        all.extend(page.events);
        let Some(next): Option<AuditPlace> = page.next else { return all };
        filter.after = Some(next);
    }
}
