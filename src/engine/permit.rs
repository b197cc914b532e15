//! Permits and keys: what proves that a send was authorised, and what makes an unsubscribe link unguessable.
use crate::{
    id::{ClinicName, ContactId, SendId, hex},
    journey::Attempt,
    record::Identity,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Secret of one database.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key(pub(crate) [u8; 32]);

/// Name of a logical send towards the outside: constant over attempts, says nothing about the person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct SendKey(pub(crate) String);

/// Made by the engine after the attempt was committed, consumed by a channel: nothing is sent without it, nothing twice.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Permit {
    pub(crate) send: SendId,
    pub(crate) contact: ContactId,
    pub(crate) key: SendKey,
    pub(crate) attempt: Attempt,
    _only_the_engine_makes_permits: (),
}

/// Opaque text in an unsubscribe link: a contact's number and a keyed hash over it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct UnsubscribeToken(pub(crate) String);

impl Key {
    fn tag(&self, purpose: &str, number: i64) -> [u8; 32] {
        // HMAC takes keys of any length: this cannot fail
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0)
            .unwrap_or_else(|_| unreachable!("an HMAC key may have any length"));
        mac.update(purpose.as_bytes());
        mac.update(&number.to_be_bytes());
        mac.finalize().into_bytes().into()
    }

    pub(crate) fn send_key(&self, send: SendId) -> SendKey {
        SendKey(hex(&self.tag("send", send.0)[..16]))
    }

    pub(crate) fn unsubscribe(&self, contact: ContactId) -> UnsubscribeToken {
        let tag = hex(&self.tag("unsubscribe", contact.0)[..16]);
        UnsubscribeToken(format!("{:x}-{tag}", contact.0))
    }

    /// Whose token this is; `None` when it is none of ours. The comparison takes the same time for every wrong token.
    pub(crate) fn open_unsubscribe(&self, token: &str) -> Option<ContactId> {
        let (number, _) = token.split_once('-')?;
        let contact = ContactId(i64::from_str_radix(number, 16).ok().filter(|number| *number > 0)?);
        same(&self.unsubscribe(contact).0, token).then_some(contact)
    }

    /// Opaque text in the link of this number in a message: short, because it stands in SMS as well.
    pub(crate) fn click(&self, send: SendId, number: u16) -> String {
        let tag = hex(&self.tag(&format!("click/{number}"), send.0)[..10]);
        format!("{:x}-{number:x}-{tag}", send.0)
    }

    /// Which link of which send this is; `None` when it is none of ours.
    pub(crate) fn open_click(&self, token: &str) -> Option<(SendId, u16)> {
        let (send, rest) = token.split_once('-')?;
        let (number, _) = rest.split_once('-')?;
        let send = SendId(i64::from_str_radix(send, 16).ok().filter(|send| *send > 0)?);
        let number = u16::from_str_radix(number, 16).ok()?;
        same(&self.click(send, number), token).then_some((send, number))
    }

    /// Random bytes for the code that somebody gets of an offer, at that try.
    pub(crate) fn offer_code(&self, offer: &str, contact: ContactId, attempt: u32) -> [u8; 32] {
        self.tag(&format!("offer/{attempt}/{offer}"), contact.0)
    }

    /// What is kept of an address of somebody who was erased: enough to know it again, not enough to read it. Of a person of
    /// one clinic it is known again there, and where clinics share their people.
    pub(crate) fn suppression(&self, identity: &Identity) -> [[u8; 32]; 2] {
        let of = identity.clinic.as_ref().map_or("shared", ClinicName::as_str);
        [self.address(identity, "clinic", of), self.address(identity, "anywhere", "")]
    }

    /// Under which of these this address would stand.
    pub(crate) fn suppressed_as(&self, identity: &Identity) -> Vec<[u8; 32]> {
        match &identity.clinic {
            Some(clinic) => ["shared", clinic.as_str()].map(|of| self.address(identity, "clinic", of)).to_vec(),
            None => vec![self.address(identity, "anywhere", "")],
        }
    }

    fn address(&self, identity: &Identity, how: &str, of: &str) -> [u8; 32] {
        self.tag(&format!("suppressed/{how}/{of}/{}/{}", identity.kind.name(), identity.value), 0)
    }

    /// What is kept of a code whose owner was erased, so that nobody is given it again. No code looks like this.
    pub(crate) fn spent_code(&self, offer: &str, code: &str) -> String {
        format!("erased:{}", hex(&self.tag(&format!("spent/{offer}/{code}"), 0)))
    }

    /// The public id of somebody who was erased: nobody was ever told it.
    pub(crate) fn public_of_erased(&self, contact: ContactId) -> [u8; 16] {
        let tag = self.tag("erased", contact.0);
        let mut id = [0; 16];
        id.copy_from_slice(&tag[..16]);
        id
    }

    /// 16 bytes for a public id that cannot be guessed from the number.
    pub(crate) fn public(&self, contact: ContactId) -> [u8; 16] {
        let tag = self.tag("contact", contact.0);
        let mut id = [0; 16];
        id.copy_from_slice(&tag[..16]);
        id
    }
}

/// Takes the same time for every wrong token of the right length.
fn same(real: &str, token: &str) -> bool {
    real.len() == token.len() && real.bytes().zip(token.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

impl Permit {
    pub(super) fn new(send: SendId, contact: ContactId, key: SendKey, attempt: Attempt) -> Self {
        Self { send, contact, key, attempt, _only_the_engine_makes_permits: () }
    }

    /// For tests of channels and of the shell, which have no turn of their own.
    #[cfg(test)]
    pub(crate) fn for_test(send: SendId, contact: ContactId, number: u16) -> Self {
        let attempt = Attempt { number, epoch: crate::id::Epoch(1) };
        Self::new(send, contact, SendKey(format!("{:032x}", send.0)), attempt)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}
