//! Two masters with random bursts, a memory that answers in order with stalls everywhere: every burst is answered once, to whom it belongs.
use super::*;
use crate::parity::{Parity, Rng};
use std::collections::VecDeque;

/// What a master still has to offer and to see. Addresses carry the master's number in bit 31.
#[derive(Default)]
struct Master {
    aw: Option<(u64, u64)>,
    ar: Option<(u64, u64)>,
    data: VecDeque<(u64, bool)>,
    answers: usize,
    beats: VecDeque<bool>,
    done: [usize; 2],
}

impl Master {
    fn ask(&mut self, rng: &mut Rng, number: u64, one: bool) {
        let idle = self.answers == 0 && self.beats.is_empty();
        let may = !one || (idle && self.aw.is_none() && self.ar.is_none());
        let burst = |rng: &mut Rng| (number << 31 | rng.below(1 << 20) << 3, rng.below(8));
        if may && self.aw.is_none() && self.data.is_empty() && rng.chance(if one { 4 } else { 40 })
        {
            self.aw = Some(burst(rng));
        } else if may && self.ar.is_none() && rng.chance(if one { 4 } else { 40 }) {
            self.ar = Some(burst(rng));
        }
    }
}

#[test]
fn every_burst_is_answered_once_to_whom_it_belongs() {
    let mut rng = Rng::new(7);
    let mut u = PortSwitch::default();
    u.connect_all();
    let mut masters = [Master::default(), Master::default()];
    // Of the memory: bursts that wait for data, answers that are due, beats that are due.
    let (mut open, mut due, mut beats) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
    let mut offered: [Option<u64>; 2] = [None; 2];
    let mut longest = 0;
    let mut waits = 0;
    for cycle in 0..30_000 {
        u.reset.next = cycle < 2;
        if cycle > 2 {
            masters[0].ask(&mut rng, 0, false);
            masters[1].ask(&mut rng, 1, true);
        }
        macro_rules! drive {
            ($of:expr, $awaddr:ident $awlen:ident $awvalid:ident $araddr:ident $arlen:ident $arvalid:ident
                $wdata:ident $wlast:ident $wvalid:ident $wstrb:ident $bready:ident $rready:ident) => {
                let m = &masters[$of];
                let (address, len) = m.aw.unwrap_or_default();
                u.$awaddr.next = address.into();
                u.$awlen.next = len.into();
                u.$awvalid.next = m.aw.is_some();
                let (address, len) = m.ar.unwrap_or_default();
                u.$araddr.next = address.into();
                u.$arlen.next = len.into();
                u.$arvalid.next = m.ar.is_some();
                let (word, last) = m.data.front().copied().unwrap_or_default();
                u.$wdata.next = word.into();
                u.$wstrb.next = (word & 0xff).into();
                u.$wlast.next = last;
                u.$wvalid.next = !m.data.is_empty();
                u.$bready.next = rng.chance(80);
                u.$rready.next = rng.chance(80);
            };
        }
        drive!(0, m_awaddr m_awlen m_awvalid m_araddr m_arlen m_arvalid m_wdata m_wlast m_wvalid m_wstrb m_bready m_rready);
        drive!(1, l_awaddr l_awlen l_awvalid l_araddr l_arlen l_arvalid l_wdata l_wlast l_wvalid l_wstrb l_bready l_rready);
        u.s_awready.next = rng.chance(60);
        u.s_arready.next = rng.chance(60);
        u.s_wready.next = !open.is_empty() && rng.chance(70);
        u.s_bvalid.next = !due.is_empty();
        u.s_rvalid.next = !beats.is_empty();
        u.s_rlast.next = beats.front().is_some_and(|&(_, last)| last);
        assert!(simulate(&mut u, 100));

        // An address on offer stays.
        for (valid, ready, address, held) in [
            (u.s_awvalid.val(), u.s_awready.val(), u.s_awaddr.val(), 0),
            (u.s_arvalid.val(), u.s_arready.val(), u.s_araddr.val(), 1),
        ] {
            let shown = valid.then_some(address.to_u64());
            if offered[held].is_some() {
                assert_eq!(shown, offered[held], "cycle {cycle}");
            }
            offered[held] = shown.filter(|_| !ready);
        }
        // What the memory sees, before it takes more.
        if u.s_bvalid.val() && u.s_bready.val() {
            let of: usize = due.pop_front().unwrap();
            let (m, l) = (
                u.m_bvalid.val() && u.m_bready.val(),
                u.l_bvalid.val() && u.l_bready.val(),
            );
            assert_eq!((m, l), (of == 0, of == 1), "cycle {cycle}");
            masters[of].answers -= 1;
            masters[of].done[0] += 1;
        }
        if u.s_rvalid.val() && u.s_rready.val() {
            let (of, last): (usize, bool) = beats.pop_front().unwrap();
            let (m, l) = (
                u.m_rvalid.val() && u.m_rready.val(),
                u.l_rvalid.val() && u.l_rready.val(),
            );
            assert_eq!((m, l), (of == 0, of == 1), "cycle {cycle}");
            assert_eq!(masters[of].beats.pop_front(), Some(last));
            masters[of].done[1] += usize::from(last);
        }
        if u.s_wvalid.val() && u.s_wready.val() {
            let of: usize = *open.front().unwrap();
            let (word, last) = masters[of].data.pop_front().expect("data of nobody");
            assert_eq!(
                (u.s_wdata.val().to_u64(), u.s_wlast.val()),
                (word, last),
                "cycle {cycle}"
            );
            assert_eq!(u.s_wstrb.val().to_u64(), word & 0xff);
            if last {
                due.push_back(open.pop_front().unwrap());
            }
        }
        if u.s_awvalid.val() && u.s_awready.val() {
            let of = (u.s_awaddr.val().to_u64() >> 31) as usize;
            let (address, len) = masters[of].aw.take().unwrap();
            assert_eq!(
                (u.s_awaddr.val().to_u64(), u.s_awlen.val().to_u64()),
                (address, len)
            );
            for beat in 0..=len {
                masters[of].data.push_back((rng.word(), beat == len));
            }
            masters[of].answers += 1;
            open.push_back(of);
        }
        if u.s_arvalid.val() && u.s_arready.val() {
            let of = (u.s_araddr.val().to_u64() >> 31) as usize;
            let (_, len) = masters[of].ar.take().unwrap();
            for beat in 0..=u.s_arlen.val().to_u64() {
                masters[of].beats.push_back(beat == len);
                beats.push_back((of, beat == len));
            }
        }
        // The link is let in before long.
        let waiting = masters[1].aw.is_some() || masters[1].ar.is_some();
        waits = if waiting { waits + 1 } else { 0 };
        longest = longest.max(waits);
        for level in [true, false] {
            u.clock.next = level.into();
            assert!(simulate(&mut u, 100));
        }
    }
    for m in &masters {
        assert!(m.done.iter().all(|&n| n > 100), "{:?}", m.done);
    }
    assert!(longest < 400, "{longest}");
}

#[test]
fn verilog_agrees() {
    Parity::new("port_switch")
        .cycles(3000)
        .all_move_but(&[])
        .check(
            &mut PortSwitch::default(),
            |u| &mut u.clock,
            |u, rng, cycle| {
                u.reset.next = cycle == 0 || rng.chance(1);
                u.m_awaddr.next = rng.bits();
                u.m_awlen.next = rng.bits();
                u.m_awvalid.next = rng.chance(40);
                u.m_wdata.next = rng.bits();
                u.m_wstrb.next = rng.bits();
                u.m_wlast.next = rng.chance(30);
                u.m_wvalid.next = rng.chance(70);
                u.m_bready.next = rng.chance(70);
                u.m_araddr.next = rng.bits();
                u.m_arlen.next = rng.bits();
                u.m_arvalid.next = rng.chance(40);
                u.m_rready.next = rng.chance(70);
                u.l_awaddr.next = rng.bits();
                u.l_awlen.next = rng.bits();
                u.l_awvalid.next = rng.chance(50);
                u.l_wdata.next = rng.bits();
                u.l_wstrb.next = rng.bits();
                u.l_wlast.next = rng.chance(30);
                u.l_wvalid.next = rng.chance(70);
                u.l_bready.next = rng.chance(70);
                u.l_araddr.next = rng.bits();
                u.l_arlen.next = rng.bits();
                u.l_arvalid.next = rng.chance(50);
                u.l_rready.next = rng.chance(70);
                u.s_awready.next = rng.chance(60);
                u.s_wready.next = rng.chance(60);
                u.s_bvalid.next = rng.chance(50);
                u.s_arready.next = rng.chance(60);
                u.s_rlast.next = rng.chance(60);
                u.s_rvalid.next = rng.chance(60);
            },
        )
        .unwrap();
}
